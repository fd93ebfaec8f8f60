/// A list that keeps up to three elements inline: most operations have no more operands.
struct Few<Element> {
  private var a: Element?
  private var b: Element?
  private var c: Element?
  private var rest: [Element] = []
  private(set) var count: Int

  @inline(__always)
  @_optimize(speed)
  init() { count = 0 }

  @inline(__always)
  @_optimize(speed)
  init(_ a: Element) {
    self.a = a
    count = 1
  }

  @inline(__always)
  @_optimize(speed)
  init(_ a: Element, _ b: Element) {
    self.a = a
    self.b = b
    count = 2
  }

  @inline(__always)
  @_optimize(speed)
  init(_ a: Element, _ b: Element, _ c: Element) {
    self.a = a
    self.b = b
    self.c = c
    count = 3
  }

  @_optimize(speed)
  init(_ elements: some Sequence<Element>) {
    self.init()
    for element in elements { append(element) }
  }

  @inline(__always)
  @_optimize(speed)
  mutating func append(_ element: Element) {
    switch count {
    case 0: a = element
    case 1: b = element
    case 2: c = element
    default: rest.append(element)
    }
    count += 1
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    @inline(__always) get {
      switch index {
      case 0: a.unsafelyUnwrapped
      case 1: b.unsafelyUnwrapped
      case 2: c.unsafelyUnwrapped
      default: rest[index - 3]
      }
    }
    @inline(__always) set {
      switch index {
      case 0: a = newValue
      case 1: b = newValue
      case 2: c = newValue
      default: rest[index - 3] = newValue
      }
    }
  }

  @inline(__always)
  @_optimize(speed)
  mutating func removeAll() { self = Few() }
}

extension Few: ExpressibleByArrayLiteral, Sequence {
  @_optimize(speed)
  init(arrayLiteral elements: Element...) { self.init(elements) }

  struct Iterator: IteratorProtocol {
    let list: Few
    var position = 0
    @_optimize(speed)
    mutating func next() -> Element? {
      guard position < list.count else { return nil }
      defer { position += 1 }
      return list[position]
    }
  }
  @_optimize(speed)
  func makeIterator() -> Iterator { Iterator(list: self) }
}

extension Few: Sendable where Element: Sendable {}
