import Foundation
import Testing

@testable import SwiftNN

/// Every kernel gives the same bits for any number of threads. That number belongs to the process, so each test has its own.
@Suite struct ThreadTests {
  /// Results of the cases, which are small, and of operations on tensors that are cut into parts.
  private static func results() throws -> [(String, Data)] {
    var found: [(String, Data)] = []
    for test in Table.cases {
      let call = try Call(test)
      guard call.isRepeatable(test) else { continue }
      for result in try call.run() { found.append((test.text, try result.bytes())) }
      guard test.gradients != nil else { continue }
      for gradient in try GradientCheck.gradients(of: call.function, at: call.leaves, createGraph: false) {
        found.append((test.text, try gradient.bytes()))
      }
    }
    for dtype in [DType.float32, .float64, .bfloat16, .int64] { found += try large(dtype) }
    return found
  }

  private static func large(_ dtype: DType) throws -> [(String, Data)] {
    let generator = Generator(seed: 1)
    func draw(_ sizes: Int...) throws -> Tensor {
      try (Tensor.normal(sizes, .float64, from: generator) * 8).cast(to: dtype)
    }
    let (a, b, row) = (try draw(700, 501), try draw(700, 501), try draw(501))
    let index = try Registry.apply("randint", [.int(0), .int(700), .ints([900]), .generator(generator)])[0]
    var calls: [(String, [Value])] = [
      ("add", [.tensor(a), .tensor(b)]), ("mul", [.tensor(a), .tensor(row)]), ("gt", [.tensor(a), .tensor(b)]),
      ("maximum", [.tensor(a.transpose2()), .tensor(b.transpose2())]), ("clone", [.tensor(a.transpose2())]),
      ("sum", [.tensor(a)]), ("sum", [.tensor(a), .int(0)]), ("sum", [.tensor(a), .int(1)]),
      ("amax", [.tensor(a), .int(0)]),
      ("argmin", [.tensor(a), .int(1)]), ("any", [.tensor(a)]), ("to", [.tensor(a), .dtype(.float16)]),
      ("index_select", [.tensor(a), .int(0), .tensor(index)]), ("matmul", [.tensor(a), .tensor(b.transpose2())]),
      ("cat", [.tensors([a, b]), .int(1)]), ("nonzero", [.tensor(a)]),
      ("where", [.tensor(try a > b), .tensor(a), .tensor(b)]),
      ("index_put", [.tensor(a), .tensors([index]), .tensor(try draw(900, 501)), .bool(true)]),
    ]
    if dtype.isFloatingPoint {
      calls += [
        ("softmax", [.tensor(a), .int(1)]), ("log_softmax", [.tensor(a), .int(0)]), ("mean", [.tensor(a), .int(1)]),
        ("linear", [.tensor(a), .tensor(b), .tensor(try draw(700))]), ("logsumexp", [.tensor(a), .int(0)]),
      ]
      let weights = try [draw(150, 30), draw(150, 50), draw(150), draw(150)].map { try $0 * 0.02 }
      let options: [Value] = [.bool(true), .int(1), .float(0), .bool(false), .bool(false), .bool(false)]
      calls.append(
        ("gru", [.tensor(try draw(9, 37, 30)), .tensor(try draw(1, 37, 50)), .tensors(weights)] + options))
      for name in ["exp", "sigmoid", "tanh", "gelu", "erf", "sin", "rsqrt"] { calls.append((name, [.tensor(a)])) }
    }
    return try calls.map { ("\($0) of \(dtype.name)", try Registry.apply($0, $1)[0].bytes()) }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() async {
    await #expect(processExitsWith: .success) {
      Runtime.threads = 1
      #expect(Runtime.threads == 1)
      let alone = try ThreadTests.results()
      for threads in [2, 5] {
        Runtime.threads = threads
        for (a, b) in zip(alone, try ThreadTests.results()) where a.1 != b.1 {
          Issue.record("\(a.0) differs with \(threads) threads")
        }
      }
    }
  }

  @Test func theNumberOfThreadsIsPositive() async {
    await #expect(processExitsWith: .success) {
      for threads in [3, 1, 0, -5, Int.max] {
        Runtime.threads = threads
        #expect(Runtime.threads >= 1)
        let sum = try Tensor.ones([1000, 1000]).sum().item()
        #expect(sum.double == 1_000_000)
      }
    }
  }

  @Test func threadsMayCallAtTheSameTime() async throws {
    let x = try Tensor.normal([300, 300], from: Generator(seed: 2))
    let expected = try x.matmul(x).softmax(1).bytes()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 { group.addTask { try x.matmul(x).softmax(1).bytes() == expected } }
      for try await isSame in group { #expect(isSame) }
    }
  }
}

extension Tensor {
  fileprivate func transpose2() -> Tensor { (try? transpose(0, 1)) ?? self }
}
