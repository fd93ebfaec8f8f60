import Foundation
import SwiftNN

/// Writes the files that follow from the registry, or with `--check` says which of them are stale.
let arguments = CommandLine.arguments.dropFirst()
let isCheck = arguments.contains("--check")
let root = arguments.first { !$0.hasPrefix("-") } ?? "."

var stale: [String] = []
for (path, text) in try CHeader.files(root: root) + PythonStubs.files + SwiftLayers.files
  + SwiftSchedules.files + SwiftMakers.files + Reference.files(root: root)
  + LayerPage.files(root: root)
{
  let url = URL(fileURLWithPath: root).appendingPathComponent(path)
  if (try? String(contentsOf: url, encoding: .utf8)) == text { continue }
  stale.append(path)
  if isCheck { continue }
  try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try text.write(to: url, atomically: true, encoding: .utf8)
}
for path in stale { print(isCheck ? "stale: \(path) (run make generate)" : "wrote \(path)") }
exit(isCheck && !stale.isEmpty ? 1 : 0)
