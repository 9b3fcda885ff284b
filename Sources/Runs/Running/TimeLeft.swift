import Reports

/// How long the epochs that are left will take, if they take as long as those before; in words.
///
/// Nil after the first of several: the first one warms up and says little alone.
func timeLeft(after epoch: Int, of epochs: Int, seconds: Double) -> String? {
  guard epoch > 1 || epochs == 1 else { return nil }
  return duration(seconds / Double(epoch) * Double(epochs - epoch))
}
