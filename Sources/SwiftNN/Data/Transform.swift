/// A change of data that is fitted to some of it, as to the examples that a model is trained with, and then done to any.
public protocol Transform: AnyObject {
  /// Forgets what it was fitted to before.
  func fit(_ data: Tensor) throws(SNNError)
  /// Goes on from what it was fitted to before, where it can.
  func partialFit(_ data: Tensor) throws(SNNError)
  func transform(_ data: Tensor) throws(SNNError) -> Tensor
  func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor

  /// What it was fitted to, under scikit-learn's names; nothing before. Saved with the model.
  var state: [(name: String, tensor: Tensor)] { get }
  func load(state: [(name: String, tensor: Tensor)]) throws(SNNError)
}

public enum Transforms {
  /// Every fitted transform; a new one adds its declaration here.
  static let all: [Maker<any Transform>] = [
    StandardScaler.declaration, MinMaxScaler.declaration, OneHotEncoder.declaration, LabelEncoder.declaration,
  ]
}

/// What transforms of columns have in common: data are [examples, features], and are computed with in float64.
enum Columns {
  static func check(_ data: Tensor, _ owner: String, features: Int? = nil) throws(SNNError) {
    guard data.rank == 2 else {
      throw .shape("\(owner): expects data of shape [examples, features], got \(data.shape)")
    }
    guard features == nil || features == data.shape[1] else {
      throw .shape("\(owner): expects \(features ?? 0) features, as it was fitted to, got \(data.shape[1])")
    }
  }

  static func requireRows(_ data: Tensor, _ owner: String) throws(SNNError) {
    guard data.shape[0] > 0 else {
      throw .shape("\(owner): expects at least one example, got shape \(data.shape)")
    }
  }

  /// Calls `body` with rows one behind the other, some thousands at a time.
  static func rows(_ data: Tensor, _ body: (Int, UnsafeMutablePointer<Double>) -> Void) throws(SNNError) {
    let most = max(1, (1 << 18) / max(data.shape[1], 1))
    for start in stride(from: 0, to: data.shape[0], by: most) {
      let part = try data.detach().narrow(0, start, min(most, data.shape[0] - start)).copied(to: .float64)
      body(part.shape[0], part.data.assumingMemoryBound(to: Double.self))
      withExtendedLifetime(part) {}
    }
  }

  /// The dtype of what comes of data: their own where that is floating.
  static func result(_ data: Tensor) -> DType { data.dtype.isFloatingPoint ? data.dtype : .float64 }

  /// Tensors of a state in the order of the names, float64 and copied.
  static func state(
    _ owner: String, _ state: [(name: String, tensor: Tensor)], _ names: [String]
  ) throws(SNNError) -> [Tensor] {
    var found: [Tensor] = []
    for name in names {
      guard let tensor = state.first(where: { $0.name == name })?.tensor else {
        throw SNNError(.name, "\(owner): the state has no '\(name)'")
      }
      guard tensor.rank == 1, found.isEmpty || tensor.shape == found[0].shape else {
        throw .shape("\(owner): '\(name)' of the state has shape \(tensor.shape)")
      }
      found.append(try tensor.copied(to: .float64))
    }
    return found
  }

  static func unfitted(_ owner: String) -> SNNError { .argument("\(owner): must be fitted before it can transform") }
}

extension [Double] {
  /// A copy as a tensor that nobody changes.
  func tensor(_ dtype: DType = .float64) throws(SNNError) -> Tensor {
    let tensor = try Tensor(self)
    return dtype == .float64 ? tensor : try tensor.copied(to: dtype)
  }
}
