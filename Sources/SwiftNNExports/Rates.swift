import CSwiftNN
import SwiftNN

@_cdecl("snn_rate_range_test")
@implementation
public func snn_rate_range_test(
  _ optimizer: OpaquePointer?, _ kept: UnsafePointer<OpaquePointer?>?, _ kept_count: Int,
  _ options: UnsafePointer<snn_rate_range_options>?, _ function: snn_loss_function?, _ user: UnsafeMutableRawPointer?,
  _ rates: UnsafeMutablePointer<Double>?, _ losses: UnsafeMutablePointer<Double>?,
  _ smoothed: UnsafeMutablePointer<Double>?, _ result: UnsafeMutablePointer<snn_rate_range_result>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_rate_range_test", "optimizer")
    let function = try required(function, "snn_rate_range_test", "function")
    var chosen = RateRange.Options()
    if let options = options?.pointee {
      (chosen.from, chosen.to, chosen.steps) = (options.from, options.to, Int(options.steps))
      (chosen.isExponential, chosen.smoothing, chosen.divergence) =
        (options.exponential, options.smoothing, options.divergence)
    }
    let found = try optimizer.rateRangeTest(
      chosen, keeping: tensors(kept, kept_count, "snn_rate_range_test", "kept")
    ) {
      var loss = 0.0
      let status = function(user, &loss)
      guard status == 0 else {
        throw SNNError(.callback, "snn_rate_range_test: the callback returned status \(status)")
      }
      return loss
    }
    for (out, numbers) in [(rates, found.rates), (losses, found.losses), (smoothed, found.smoothed)] {
      out?.update(from: numbers, count: numbers.count)
    }
    result?.pointee = snn_rate_range_result(
      count: found.rates.count, steepest: found.steepest ?? .nan, tenth_of_lowest: found.tenthOfLowest ?? .nan)
  }
}

@_cdecl("snn_discriminative_rates")
@implementation
public func snn_discriminative_rates(
  _ rate: Double, _ groups: Int, _ decay: Double, _ rates: UnsafeMutablePointer<Double>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(rates, "snn_discriminative_rates", "rates")
    let found = try LearningRate.discriminative(rate, groups: groups, decay: decay)
    out.update(from: found, count: found.count)
  }
}

@_cdecl("snn_scaled_rate")
@implementation
public func snn_scaled_rate(
  _ rate: Double, _ batch_size: Int64, _ base_batch_size: Int64, _ by_root: Bool,
  _ out: UnsafeMutablePointer<Double>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try required(out, "snn_scaled_rate", "out").pointee = LearningRate.scaled(
      rate, batchSize: Int(batch_size), baseBatchSize: Int(base_batch_size), byRoot: by_root)
  }
}
