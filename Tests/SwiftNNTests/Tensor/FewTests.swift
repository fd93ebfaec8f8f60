import Testing

@testable import SwiftNN

/// The list of operands behaves as an array, within its inline part and beyond it.
@Suite struct FewTests {
  @Test(arguments: 0...6)
  func elements(_ count: Int) {
    var list = Few<Int>()
    for i in 0..<count { list.append(i) }
    #expect(list.count == count && Array(list) == Array(0..<count))
    #expect(Array(Few(0..<count)) == Array(0..<count))
    for i in 0..<count { list[i] = 10 * list[i] }
    #expect((0..<count).map { list[$0] } == (0..<count).map { 10 * $0 })
    list.removeAll()
    #expect(list.count == 0)
  }

  @Test func optionals() {
    let list: Few<String?> = ["a", nil, nil, "d", nil]
    #expect(Array(list) == ["a", nil, nil, "d", nil])
  }
}
