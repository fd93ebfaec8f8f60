/// Batches that functions of the caller give.
public final class FunctionSource: BatchSource {
  public struct Functions {
    public var batchCount: () -> Int?
    public var next: () throws -> [Tensor]?
    public var begin: (_ epoch: Int) throws -> Void
    public var state: () throws -> String
    public var load: (_ state: String) throws -> Void

    public init(
      batchCount: @escaping () -> Int? = { nil }, next: @escaping () throws -> [Tensor]?,
      begin: @escaping (_ epoch: Int) throws -> Void, state: @escaping () throws -> String,
      load: @escaping (_ state: String) throws -> Void
    ) {
      (self.batchCount, self.next, self.begin, self.state, self.load) = (batchCount, next, begin, state, load)
    }
  }

  private let functions: Functions

  public init(_ functions: Functions) { self.functions = functions }

  public var batchCount: Int? { functions.batchCount() }

  public func next() throws(SNNError) -> [Tensor]? {
    do { return try functions.next() } catch { throw SNNError.from(error) }
  }

  public func begin(epoch: Int) throws(SNNError) {
    do { try functions.begin(epoch) } catch { throw SNNError.from(error) }
  }

  /// null where the function has failed, which `load` refuses.
  public var state: String { (try? functions.state()) ?? "null" }

  public func load(state: String) throws(SNNError) {
    guard state != "null" else { throw .argument("the position of these batches was not saved") }
    do { try functions.load(state) } catch { throw SNNError.from(error) }
  }
}
