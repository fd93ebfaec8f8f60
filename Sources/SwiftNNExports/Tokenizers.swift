import CSwiftNN
import SwiftNN

/// What a handle of a tokenizer stands for.
private final class TokenizerHandle: Sendable {
  let tokenizer: any Tokenizer

  init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }
}

private func tokenizer(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any Tokenizer {
  let found: TokenizerHandle = try required(handle, function, "tokenizer")
  return found.tokenizer
}

private func text(
  _ bytes: UnsafePointer<CChar>?, _ size: Int, _ function: StaticString
) throws(SNNError) -> UnsafeRawBufferPointer {
  guard size >= 0, size == 0 || bytes != nil else {
    throw SNNError(.argument, "\(function): got \(size) bytes of text at \(bytes == nil ? "NULL" : "an address")")
  }
  return UnsafeRawBufferPointer(start: bytes, count: size)
}

@_cdecl("snn_tokenizer_characters")
@implementation
public func snn_tokenizer_characters(
  _ text: UnsafePointer<CChar>?, _ size: Int, _ unknown: UnsafePointer<CChar>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_tokenizer_characters", "out")
    let bytes = try SwiftNNExports.text(text, size, "snn_tokenizer_characters")
    let made = try CharacterTokenizer(text: bytes, unknown: unknown.map { String(cString: $0) })
    out.pointee = handle(TokenizerHandle(made))
  }
}

private func special(_ options: snn_bpe_options, _ function: StaticString) throws(SNNError) -> [String] {
  try words(options.special, options.special_count, function, "special")
}

@_cdecl("snn_tokenizer_train")
@implementation
public func snn_tokenizer_train(
  _ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ sizes: UnsafePointer<Int>?, _ count: Int,
  _ options: UnsafePointer<snn_bpe_options>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_tokenizer_train", "out")
    guard count >= 0, count <= 1 << 24 else { throw SNNError(.argument, "snn_tokenizer_train: got \(count) texts") }
    var all: [UnsafeRawBufferPointer] = []
    for i in 0..<count {
      let start = try required(texts, "snn_tokenizer_train", "texts")[i]
      all.append(try text(start, required(sizes, "snn_tokenizer_train", "sizes")[i], "snn_tokenizer_train"))
    }
    let given = options?.pointee ?? snn_bpe_options()
    let made = try ByteLevelBPE(
      training: all, size: given.vocabulary == 0 ? 30000 : Int(given.vocabulary), least: Int(given.least),
      specialTokens: special(given, "snn_tokenizer_train"), addsLeadingSpace: given.add_prefix_space)
    out.pointee = handle(TokenizerHandle(made))
  }
}

@_cdecl("snn_tokenizer_open")
@implementation
public func snn_tokenizer_open(
  _ vocabulary: UnsafePointer<snn_source>?, _ merges: UnsafePointer<snn_source>?,
  _ options: UnsafePointer<snn_bpe_options>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_tokenizer_open", "out")
    let vocabulary = try source(vocabulary, "snn_tokenizer_open")
    guard merges != nil else {
      return out.pointee = handle(TokenizerHandle(try CharacterTokenizer(vocabulary: vocabulary)))
    }
    let given = options?.pointee ?? snn_bpe_options()
    let made = try ByteLevelBPE(
      vocabulary: vocabulary, merges: source(merges, "snn_tokenizer_open"),
      specialTokens: special(given, "snn_tokenizer_open"), addsLeadingSpace: given.add_prefix_space)
    out.pointee = handle(TokenizerHandle(made))
  }
}

@_cdecl("snn_tokenizer_save")
@implementation
public func snn_tokenizer_save(
  _ tokenizer: OpaquePointer?, _ vocabulary: UnsafePointer<CChar>?, _ merges: UnsafePointer<CChar>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tokenizer = try SwiftNNExports.tokenizer(tokenizer, "snn_tokenizer_save")
    let path = String(cString: try required(vocabulary, "snn_tokenizer_save", "vocabulary"))
    try tokenizer.save(vocabulary: path, merges: merges.map { String(cString: $0) })
  }
}

@_cdecl("snn_tokenizer_retain")
@implementation
public func snn_tokenizer_retain(_ tokenizer: OpaquePointer?) -> OpaquePointer? {
  retain(tokenizer, TokenizerHandle.self)
}

@_cdecl("snn_tokenizer_release")
@implementation
public func snn_tokenizer_release(_ tokenizer: OpaquePointer?) { release(tokenizer, TokenizerHandle.self) }

@_cdecl("snn_tokenizer_count")
@implementation
public func snn_tokenizer_count(_ tokenizer: OpaquePointer?) -> Int64 {
  Int64(object(tokenizer, TokenizerHandle.self)?.tokenizer.count ?? 0)
}

@_cdecl("snn_tokenizer_token")
@implementation
public func snn_tokenizer_token(
  _ tokenizer: OpaquePointer?, _ number: Int64, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tokenizer = try SwiftNNExports.tokenizer(tokenizer, "snn_tokenizer_token")
    try give(tokenizer.decode([Int(number)]), data, size, "snn_tokenizer_token")
  }
}

@_cdecl("snn_tokenizer_find")
@implementation
public func snn_tokenizer_find(_ tokenizer: OpaquePointer?, _ token: UnsafePointer<CChar>?, _ size: Int) -> Int64 {
  guard let found = object(tokenizer, TokenizerHandle.self), let bytes = try? text(token, size, "") else { return -1 }
  return Int64(found.tokenizer.number(of: Array(bytes)) ?? -1)
}

@_cdecl("snn_tokenizer_encode")
@implementation
public func snn_tokenizer_encode(
  _ tokenizer: OpaquePointer?, _ text: UnsafePointer<CChar>?, _ size: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tokenizer = try SwiftNNExports.tokenizer(tokenizer, "snn_tokenizer_encode")
    let out = try required(out, "snn_tokenizer_encode", "out")
    out.pointee = handle(try Tensor(tokenizer.encode(SwiftNNExports.text(text, size, "snn_tokenizer_encode"))))
  }
}

@_cdecl("snn_tokenizer_decode")
@implementation
public func snn_tokenizer_decode(
  _ tokenizer: OpaquePointer?, _ tokens: OpaquePointer?, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tokenizer = try SwiftNNExports.tokenizer(tokenizer, "snn_tokenizer_decode")
    let tokens: Tensor = try required(tokens, "snn_tokenizer_decode", "tokens")
    guard tokens.dtype.isInteger else {
      throw SNNError(.dtype, "decode: expects whole numbers, got \(tokens.dtype.name)")
    }
    try give(tokenizer.decode(tokens.array(of: Int.self)), data, size, "snn_tokenizer_decode")
  }
}

@_cdecl("snn_token_windows")
@implementation
public func snn_token_windows(
  _ tokens: OpaquePointer?, _ length: Int64, _ places: UnsafePointer<Int64>?, _ count: Int,
  _ inputs: UnsafeMutablePointer<OpaquePointer?>?, _ targets: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tokens: Tensor = try required(tokens, "snn_token_windows", "tokens")
    let inputs = try required(inputs, "snn_token_windows", "inputs")
    let targets = try required(targets, "snn_token_windows", "targets")
    let windows = try TokenWindows(tokens, length: Int(length), step: 1)
    let parts = try windows.examples(integers(places, count, "snn_token_windows", "places"))
    inputs.pointee = handle(parts[0])
    targets.pointee = handle(parts[1])
  }
}
