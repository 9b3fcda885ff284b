/// Winograd's short convolution F(4x4, 3x3): 4x4 outputs of a 3x3 kernel g from 6x6 inputs d by 36 multiplications
/// instead of 144.
///
///     y  = A^T [(G g G^T) . (B^T d B)] A
///     dg = G^T [(B^T d B) . (A dy A^T)] G
///
/// where . multiplies place by place. The second is the gradient of the first with respect to g. That with respect to d
/// over all tiles is again a convolution, by the turned kernel.
///
/// The algorithm [published: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016] is that of Toom
/// and Cook: input and kernel are polynomials, evaluated at 0, +-a, +-b and infinity, multiplied there, and the product
/// is found by interpolation. They take a = 1 and b = 2 or 1/2; here a = 1 / sqrt 2 and b = sqrt 2 [derived], whose
/// rounding is half as large and whose matrices are as simple, for a b = 1.
///
/// Each function here works on one column or row, with sixteen channels in the lanes. `WinogradMatrices` has the same
/// matrices as numbers.
enum Winograd {
  /// Outputs of a tile, and inputs, along each axis.
  @inline(__always) static var tile: Int { 4 }
  @inline(__always) static var span: Int { 6 }
  /// Places of a transformed tile.
  @inline(__always) static var places: Int { 36 }

  @inline(__always) static var a: Scalar { 0.707_106_781_186_547_52 }
  @inline(__always) static var b: Scalar { 1.414_213_562_373_095_05 }

  /// B^T d: six inputs, or rows of them.
  ///
  ///           |  1   0  -5/2  0   1   0 |
  ///           |  0  -b   -2   a   1   0 |
  ///     B^T = |  0   b   -2  -a   1   0 |
  ///           |  0  -a  -1/2  b   1   0 |
  ///           |  0   a  -1/2 -b   1   0 |
  ///           |  0   1    0 -5/2  0   1 |
  @inline(__always) static func inputLine(_ d: Six<Vector>) -> Six<Vector> {
    // Even and odd powers apart; b = 2 a.
    let (e, o) = (sum(d.v4, -2, d.v2), sum(d.v3, -2, d.v1))
    let (f, p) = (sum(d.v4, -0.5, d.v2), sum(d.v3, -0.5, d.v1))
    return Six(
      sum(add(d.v0, d.v4), -2.5, d.v2), sum(e, a, o), sum(e, -a, o), sum(f, b, p), sum(f, -b, p),
      sum(add(d.v1, d.v5), -2.5, d.v3))
  }

  /// G g: three taps.
  ///
  ///         |   1     0     0  |
  ///         | -2/3 -2a/3  -1/3 |
  ///     G = | -2/3  2a/3  -1/3 |
  ///         |  1/6   b/6   1/3 |
  ///         |  1/6  -b/6   1/3 |
  ///         |   0     0     1  |
  @inline(__always) static func kernelLine(_ g: Three<Vector>) -> Six<Vector> {
    let (e, o) = (product(-2 / 3, sum(g.v0, 0.5, g.v2)), product(-2 / 3 * a, g.v1))
    let (f, p) = (product(1 / 6, sum(g.v0, 2, g.v2)), product(b / 6, g.v1))
    return Six(g.v0, add(e, o), subtract(e, o), add(f, p), subtract(f, p), g.v2)
  }

  /// A^T m: six products.
  ///
  ///           | 1  1    1   1   1  0 |
  ///     A^T = | 0  a   -a   b  -b  0 |
  ///           | 0 1/2  1/2  2   2  0 |
  ///           | 0 a/2 -a/2  2b -2b 1 |
  @inline(__always) static func outputLine(_ m: Six<Vector>) -> Four<Vector> {
    let (s, d) = (add(m.v1, m.v2), subtract(m.v1, m.v2))
    let (t, e) = (add(m.v3, m.v4), subtract(m.v3, m.v4))
    return Four(
      add(add(m.v0, s), t), sum(product(a, d), b, e), sum(product(0.5, s), 2, t),
      sum(sum(m.v5, 0.5 * a, d), 2 * b, e))
  }

  /// A dy: the gradient of four outputs.
  @inline(__always) static func outputGradientLine(_ g: Four<Vector>) -> Six<Vector> {
    let (e, o) = (sum(g.v0, 0.5, g.v2), sum(g.v1, 0.5, g.v3))
    let (f, p) = (sum(g.v0, 2, g.v2), sum(g.v1, 2, g.v3))
    return Six(g.v0, sum(e, a, o), sum(e, -a, o), sum(f, b, p), sum(f, -b, p), g.v3)
  }

  /// G^T u: the gradient of three taps.
  @inline(__always) static func kernelGradientLine(_ u: Six<Vector>) -> Three<Vector> {
    let (s, d) = (add(u.v1, u.v2), subtract(u.v1, u.v2))
    let (t, e) = (add(u.v3, u.v4), subtract(u.v3, u.v4))
    return Three(
      sum(sum(u.v0, -2 / 3, s), 1 / 6, t), sum(product(-2 / 3 * a, d), b / 6, e),
      sum(u.v5, 1 / 3, subtract(t, s)))
  }

  // MARK: Both sides: down the columns, then along the rows

  /// B^T d B of the inputs at (row, column).
  @inline(__always) static func input(_ d: (Int, Int) -> Vector) -> Six<Six<Vector>> {
    let columns = Six { j in inputLine(Six { i in d(i, j) }) }
    return Six { i in inputLine(Six { j in columns[j][i] }) }
  }

  /// G g G^T of the taps at (row, column).
  @inline(__always) static func kernel(_ g: (Int, Int) -> Vector) -> Six<Six<Vector>> {
    let columns = Three { j in kernelLine(Three { i in g(i, j) }) }
    return Six { i in kernelLine(Three { j in columns[j][i] }) }
  }

  /// A^T m A of the products at (row, column).
  @inline(__always) static func output(_ m: (Int, Int) -> Vector) -> Four<Four<Vector>> {
    let columns = Six { j in outputLine(Six { i in m(i, j) }) }
    return Four { i in outputLine(Six { j in columns[j][i] }) }
  }

  /// A dy A^T of the gradients at (row, column).
  @inline(__always) static func outputGradient(_ g: (Int, Int) -> Vector) -> Six<Six<Vector>> {
    let columns = Four { j in outputGradientLine(Four { i in g(i, j) }) }
    return Six { i in outputGradientLine(Four { j in columns[j][i] }) }
  }

  /// G^T u G of the sums at (row, column).
  @inline(__always) static func kernelGradient(_ u: (Int, Int) -> Vector) -> Three<Three<Vector>> {
    let columns = Six { j in kernelGradientLine(Six { i in u(i, j) }) }
    return Three { i in kernelGradientLine(Six { j in columns[j][i] }) }
  }

  // MARK: Arithmetic

  /// x + c y.
  @inline(__always) private static func sum(_ x: Vector, _ c: Scalar, _ y: Vector) -> Vector {
    var result = x
    addProduct(&result, y, splat(c))
    return result
  }

  /// c x.
  @inline(__always) private static func product(_ c: Scalar, _ x: Vector) -> Vector {
    multiply(x, splat(c))
  }
}
