import CKernels

/// Hands operands to the elementwise kernels: contiguous ones as one run, others with their (broadcast) strides.
enum Loop {
  @_optimize(speed)
  static func over(
    _ shape: Dimensions, _ isContiguous: Bool, _ out: Tensor, _ x: Tensor,
    _ body: (Int32, UnsafePointer<Int64>, ck_out, ck_in) -> Void
  ) {
    if isContiguous {
      var count = Int64(shape.product)
      body(1, &count, ck_out(data: out.data, stride: nil), ck_in(data: x.data, stride: nil))
    } else {
      let strides = x.strides(broadcastTo: shape)
      shape.withPointer { size in
        strides.withPointer { xStride in
          body(Int32(shape.count), size, ck_out(data: out.data, stride: nil), ck_in(data: x.data, stride: xStride))
        }
      }
    }
  }

  @_optimize(speed)
  static func over(
    _ shape: Dimensions, _ isContiguous: Bool, _ out: Tensor, _ x: Tensor, _ y: Tensor,
    _ body: (Int32, UnsafePointer<Int64>, ck_out, ck_in, ck_in) -> Void
  ) {
    if isContiguous {
      var count = Int64(shape.product)
      body(
        1, &count, ck_out(data: out.data, stride: nil), ck_in(data: x.data, stride: nil),
        ck_in(data: y.data, stride: nil))
    } else {
      let first = x.strides(broadcastTo: shape)
      let second = y.strides(broadcastTo: shape)
      shape.withPointer { size in
        first.withPointer { xStride in
          second.withPointer { yStride in
            body(
              Int32(shape.count), size, ck_out(data: out.data, stride: nil), ck_in(data: x.data, stride: xStride),
              ck_in(data: y.data, stride: yStride))
          }
        }
      }
    }
  }

  @_optimize(speed)
  static func over(
    _ shape: Dimensions, _ out: Tensor, _ x: Tensor, _ y: Tensor, _ z: Tensor,
    _ body: (Int32, UnsafePointer<Int64>, ck_out, ck_in, ck_in, ck_in) -> Void
  ) {
    let first = x.strides(broadcastTo: shape)
    let second = y.strides(broadcastTo: shape)
    let third = z.strides(broadcastTo: shape)
    shape.withPointer { size in
      first.withPointer { xStride in
        second.withPointer { yStride in
          third.withPointer { zStride in
            body(
              Int32(shape.count), size, ck_out(data: out.data, stride: nil), ck_in(data: x.data, stride: xStride),
              ck_in(data: y.data, stride: yStride), ck_in(data: z.data, stride: zStride))
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Strides under which this tensor repeats itself over a larger shape: 0 along the repeated axes.
  @_optimize(speed)
  func strides(broadcastTo target: Dimensions) -> Dimensions {
    var result = Dimensions(repeating: 0, count: target.count)
    let shift = target.count - shape.count
    for i in 0..<shape.count where shape[i] != 1 || target[i + shift] == 1 { result[i + shift] = strides[i] }
    return result
  }

  /// Copies the elements of `source`, of the same shape, into this tensor's memory, converting the dtype.
  @_optimize(speed)
  func fill(copying source: Tensor) {
    let from = source.strides(broadcastTo: shape)
    shape.withPointer { size in
      strides.withPointer { outStride in
        from.withPointer { xStride in
          ck_cast(
            source.dtype.kernel, dtype.kernel, Int32(shape.count), size, ck_out(data: data, stride: outStride),
            ck_in(data: source.data, stride: xStride))
        }
      }
    }
  }
}
