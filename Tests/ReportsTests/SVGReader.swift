import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What an XML parser sees of a picture.
final class SVGReader: NSObject, XMLParserDelegate {
  /// How many elements there are of each name.
  private(set) var counts: [String: Int] = [:]
  /// The texts of the elements, by the names of these.
  private(set) var contents: [String: [String]] = [:]
  private var text = ""

  /// Reads a picture; nil if it is no well-formed XML.
  init?(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    if !parser.parse() { return nil }
  }

  /// The texts that are drawn.
  var texts: [String] { contents["text", default: []] }
  /// What is shown under the pointer, and the title of the picture.
  var titles: [String] { contents["title", default: []] }

  func parser(
    _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?,
    attributes _: [String: String]
  ) {
    counts[name, default: 0] += 1
    text = ""
  }

  func parser(_: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _: XMLParser, didEndElement name: String, namespaceURI _: String?, qualifiedName _: String?
  ) { contents[name, default: []].append(text) }
}

/// Expects that no two frames have a pixel in common, and that all are inside the picture.
func expectNoOverlap(
  _ frames: [PathDrawing.Frame], width: Int, height: Int,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for i in frames.indices {
    for j in frames.indices where j > i {
      #expect(
        !frames[i].overlaps(frames[j]), "\(frames[i]) and \(frames[j])",
        sourceLocation: sourceLocation)
    }
    #expect(frames[i].x >= 0 && frames[i].y >= 0, sourceLocation: sourceLocation)
    #expect(
      frames[i].right <= width && frames[i].bottom <= height, sourceLocation: sourceLocation)
  }
}
