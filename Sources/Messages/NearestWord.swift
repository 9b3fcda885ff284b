/// The candidate that is fewest edits from `word`, if these are at most one in three letters, and three in all.
///
/// Dashes before it, and the part of a path before its last full stop, are no letters: they say nothing about what
/// was meant.
public func nearest(to word: String, among candidates: [String]) -> String? {
  let name = word.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false).last
  let limit = min(3, ((name?.count ?? 0) + 1) / 3)
  let count = word.count
  let near = candidates.compactMap { candidate -> (name: String, edits: Int)? in
    guard abs(candidate.count - count) <= limit else { return nil }
    let edits = editDistance(word, candidate)
    return edits <= limit ? (candidate, edits) : nil
  }
  return near.min { $0.edits < $1.edits }?.name
}

/// Insertions, deletions, replacements and exchanges of neighbours that turn one word into the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  // The distances of the letters of `a` so far to each beginning of `b`, and those of one and of two letters before.
  var (older, old, row) = ([Int](), [Int](), Array(0...b.count))
  for i in a.indices {
    (older, old) = (old, row)
    row[0] = i + 1
    for j in b.indices {
      row[j + 1] = min(old[j] + (a[i] == b[j] ? 0 : 1), old[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], older[j - 1] + 1)
      }
    }
  }
  return row[b.count]
}
