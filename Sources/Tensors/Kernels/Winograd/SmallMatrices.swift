// Rows and columns of the small matrices that Winograd's transforms work on. Elements are named one by one, so that
// each of them stays in a register.

/// Three elements.
struct Three<Element> {
  var v0: Element
  var v1: Element
  var v2: Element

  /// The elements at places 0, 1 and 2.
  @inline(__always) init(_ element: (Int) -> Element) {
    (v0, v1, v2) = (element(0), element(1), element(2))
  }

  @inline(__always) init(_ v0: Element, _ v1: Element, _ v2: Element) {
    (self.v0, self.v1, self.v2) = (v0, v1, v2)
  }

  @inline(__always) subscript(place: Int) -> Element {
    switch place {
    case 0: v0
    case 1: v1
    default: v2
    }
  }

  @inline(__always) func forEach(_ body: (Int, Element) -> Void) {
    body(0, v0)
    body(1, v1)
    body(2, v2)
  }
}

/// Four elements.
struct Four<Element> {
  var v0: Element
  var v1: Element
  var v2: Element
  var v3: Element

  /// The elements at places 0 to 3.
  @inline(__always) init(_ element: (Int) -> Element) {
    (v0, v1, v2, v3) = (element(0), element(1), element(2), element(3))
  }

  @inline(__always) init(_ v0: Element, _ v1: Element, _ v2: Element, _ v3: Element) {
    (self.v0, self.v1, self.v2, self.v3) = (v0, v1, v2, v3)
  }

  @inline(__always) subscript(place: Int) -> Element {
    switch place {
    case 0: v0
    case 1: v1
    case 2: v2
    default: v3
    }
  }

  @inline(__always) func forEach(_ body: (Int, Element) -> Void) {
    body(0, v0)
    body(1, v1)
    body(2, v2)
    body(3, v3)
  }
}

/// Six elements.
struct Six<Element> {
  var v0: Element
  var v1: Element
  var v2: Element
  var v3: Element
  var v4: Element
  var v5: Element

  /// The elements at places 0 to 5.
  @inline(__always) init(_ element: (Int) -> Element) {
    (v0, v1, v2) = (element(0), element(1), element(2))
    (v3, v4, v5) = (element(3), element(4), element(5))
  }

  @inline(__always) init(
    _ v0: Element, _ v1: Element, _ v2: Element, _ v3: Element, _ v4: Element, _ v5: Element
  ) {
    (self.v0, self.v1, self.v2) = (v0, v1, v2)
    (self.v3, self.v4, self.v5) = (v3, v4, v5)
  }

  @inline(__always) subscript(place: Int) -> Element {
    switch place {
    case 0: v0
    case 1: v1
    case 2: v2
    case 3: v3
    case 4: v4
    default: v5
    }
  }

  @inline(__always) func forEach(_ body: (Int, Element) -> Void) {
    body(0, v0)
    body(1, v1)
    body(2, v2)
    body(3, v3)
    body(4, v4)
    body(5, v5)
  }
}
