/// What one run of a primitive costs and how far it sees, as it declares itself.
struct Work: Sendable {
  /// A window that slides along an axis.
  struct Window: Sendable {
    /// Counts from the last axis, which is 0.
    let axis: Int
    /// From the first to the last position that it sees.
    let span: Int
    let step: Int
  }

  /// A multiplication and the addition of its product count as two; comparisons and additions alone as one.
  var flops = 0.0
  var windows: [Window] = []
}

extension Primitive {
  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work { Work() }
}

/// How much of the input an element of a tensor sees, along its last axes.
struct ReceptiveField: Sendable {
  private var spans: [Int] = []
  /// The distance in the input of neighbours here.
  private var steps: [Int] = []

  var isEmpty: Bool { spans.isEmpty }
  /// In the order of the axes.
  var sizes: [Int] { spans.reversed() }

  mutating func slide(_ window: Work.Window) {
    while spans.count <= window.axis {
      spans.append(1)
      steps.append(1)
    }
    // Sizes from outside may be absurd; what they come to is only shown.
    spans[window.axis] = spans[window.axis] &+ (window.span &- 1) &* steps[window.axis]
    steps[window.axis] = steps[window.axis] &* window.step
  }

  /// What sees all that either sees.
  mutating func join(_ other: ReceptiveField) {
    for (axis, span) in other.spans.enumerated() {
      if axis < spans.count {
        spans[axis] = max(spans[axis], span)
        steps[axis] = max(steps[axis], other.steps[axis])
      } else {
        spans.append(span)
        steps.append(other.steps[axis])
      }
    }
  }
}
