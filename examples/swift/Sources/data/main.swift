import SwiftNN

let houses = """
  area,rooms,heating,price
  52.5,2,gas,161
  80,3,oil,
  71,3,gas,240
  120,5,wood,390
  """

var options = CSVOptions()
options.missing = .fill(200)
let file = try Array(houses.utf8).withUnsafeBytes { try CSVFile(DataSource($0), options) }
for column in file.columns { print(column.name, column.dtype.name, column.missing) }

let scaler = try Transforms.standardScaler()
try scaler.fit(file.matrix(0..<3, columns: [0, 1]))
let scaled = try scaler.transform(file.matrix(columns: [0, 1]))
print(try NPY.bytes(of: scaled).count, "bytes of NPY")

let examples = try CSVDataset(file, inputs: ["area", "rooms"], target: "heating")
let batch = try examples.examples([3, 0])
print(batch[0], batch[1])

let text = Array("the cat sat on the mat".utf8)
let tokenizer = try text.withUnsafeBytes { try ByteLevelBPE(training: [$0], size: 300, least: 2) }
print(try tokenizer.encode("the cat"), try tokenizer.decodeText(tokenizer.encode("the cat")))
