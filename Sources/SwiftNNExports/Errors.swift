import CSwiftNN
import SwiftNN

@_cdecl("snn_abi_version")
@implementation
public func snn_abi_version() -> Int32 { SNN_ABI_VERSION }

private nonisolated(unsafe) let versionText = immortal(
  "\(SNN_VERSION_MAJOR).\(SNN_VERSION_MINOR).\(SNN_VERSION_PATCH)")

@_cdecl("snn_version")
@implementation
public func snn_version() -> UnsafePointer<CChar>! { versionText }

private nonisolated(unsafe) let statusNames = Dictionary(
  uniqueKeysWithValues: SNNError.Code.allCases.map { ($0.rawValue, immortal("\($0)")) } + [(Int32(0), immortal("ok"))])
private nonisolated(unsafe) let unknownStatus = immortal("unknown")

@_cdecl("snn_status_name")
@implementation
public func snn_status_name(_ status: snn_status) -> UnsafePointer<CChar>! { statusNames[status] ?? unknownStatus }

@_cdecl("snn_set_log_callback")
@implementation
public func snn_set_log_callback(_ callback: snn_log_callback?, _ user: UnsafeMutableRawPointer?) {
  guard let callback else { return Log.setReceiver(nil) }
  let address = UInt(bitPattern: user)
  Log.setReceiver { level, message in
    message.withCString {
      callback(UnsafeMutableRawPointer(bitPattern: address), snn_log_level(rawValue: level.rawValue), $0)
    }
  }
}

@_cdecl("snn_free")
@implementation
public func snn_free(_ text: UnsafeMutableRawPointer?) { text?.deallocate() }
