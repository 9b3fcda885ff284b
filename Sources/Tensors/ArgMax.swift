/// The index of the largest number; ties go to the lowest index, and it is 0 if there is no number.
package func argMax(_ numbers: some RandomAccessCollection<Scalar>) -> Int {
  let start = numbers.startIndex
  var best = start
  for index in numbers.indices where numbers[index] > numbers[best] { best = index }
  return numbers.distance(from: start, to: best)
}
