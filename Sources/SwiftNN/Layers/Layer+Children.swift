/// A layer that knows by which declaration and arguments one like it is made.
public protocol ConfiguredLayer: Layer {
  var declaration: LayerDeclaration { get }
  /// The arguments, in the order of the declaration's fields.
  var configuration: [Value] { get }
}

/// Layers in a row that somebody else calls.
public struct ModuleList: SeveralInputLayer {
  public let layers: [any Layer]

  public var members: [(name: String, value: Any)] { layers.enumerated().map { ("\($0)", $1) } }
}

extension Layer {
  /// The layers directly below, by name. A list of layers is one of them.
  public var children: [(name: String, layer: any Layer)] {
    members.compactMap { member in
      switch member.value {
      case let layer as any Layer: (member.name, layer)
      case let list as [any Layer]: (member.name, ModuleList(layers: list))
      default: nil
      }
    }
  }

  /// The layer with a dotted name: "layer1.0.conv1".
  public func child(_ path: String) throws(SNNError) -> any Layer {
    var found: any Layer = self
    for name in path.split(separator: ".", omittingEmptySubsequences: false) {
      guard let next = found.children.first(where: { $0.name == name })?.layer else {
        throw SNNError(.name, "\(reportName): there is no layer named '\(path)'")
      }
      found = next
    }
    return found
  }

  /// The name of the layer in reports and where it is printed.
  public var reportName: String {
    switch self {
    case let layer as DeclaredLayer: layer.declaration.name
    case let layer as Named: layer.type
    default: "\(type(of: self))"
    }
  }

  /// The dotted name of a layer below this one.
  fileprivate func path(of place: ObjectIdentifier) -> String? {
    for (name, layer) in children {
      if let hooked = layer as? any HookedLayer, ObjectIdentifier(hooked) == place { return name }
      if let path = layer.path(of: place) { return "\(name).\(path)" }
    }
    return nil
  }
}

extension SNNError {
  /// The same error with the path to the layer where it happened, as seen from `layer`: "encoder.linear1: linear: expects …".
  public func located(in layer: any Layer) -> SNNError {
    let own = (layer as? any HookedLayer).map { ObjectIdentifier($0) }
    var found = self
    if let place, place != own, let path = layer.path(of: place) { found = within(path) }
    found.place = own ?? found.place
    return found
  }
}
