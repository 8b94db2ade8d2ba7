// Typed views of memory: an array here is the address of its first element. Reading gives the type that the arithmetic runs in, f64 or i32,
// as reading a typed array does in JavaScript; writing rounds.

@unmanaged
export class U8s {
  @inline
  @operator("[]")
  at(i: i32): i32 {
    return <i32>load<u8>(changetype<usize>(this) + <usize>i);
  }
  @inline
  @operator("[]=")
  set(i: i32, value: i32): void {
    store<u8>(changetype<usize>(this) + <usize>i, <u8>value);
  }
  fill(from: i32, to: i32, value: i32): void {
    memory.fill(changetype<usize>(this) + <usize>from, <u8>value, <usize>(to - from));
  }
}

@unmanaged
export class U16s {
  @inline
  @operator("[]")
  at(i: i32): i32 {
    return <i32>load<u16>(changetype<usize>(this) + ((<usize>i) << 1));
  }
  @inline
  @operator("[]=")
  set(i: i32, value: i32): void {
    store<u16>(changetype<usize>(this) + ((<usize>i) << 1), <u16>value);
  }
}

@unmanaged
export class I16s {
  @inline
  @operator("[]")
  at(i: i32): i32 {
    return <i32>load<i16>(changetype<usize>(this) + ((<usize>i) << 1));
  }
  @inline
  @operator("[]=")
  set(i: i32, value: i32): void {
    store<i16>(changetype<usize>(this) + ((<usize>i) << 1), <i16>value);
  }
  fill(from: i32, to: i32, value: i32): void {
    for (let i = from; i < to; i++) this[i] = value;
  }
}

@unmanaged
export class I32s {
  @inline
  @operator("[]")
  at(i: i32): i32 {
    return load<i32>(changetype<usize>(this) + ((<usize>i) << 2));
  }
  @inline
  @operator("[]=")
  set(i: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + ((<usize>i) << 2), value);
  }
}

@unmanaged
export class F32s {
  @inline
  @operator("[]")
  at(i: i32): f64 {
    return <f64>load<f32>(changetype<usize>(this) + ((<usize>i) << 2));
  }
  @inline
  @operator("[]=")
  set(i: i32, value: f64): void {
    store<f32>(changetype<usize>(this) + ((<usize>i) << 2), <f32>value);
  }
}

@unmanaged
export class F64s {
  @inline
  @operator("[]")
  at(i: i32): f64 {
    return load<f64>(changetype<usize>(this) + ((<usize>i) << 3));
  }
  @inline
  @operator("[]=")
  set(i: i32, value: f64): void {
    store<f64>(changetype<usize>(this) + ((<usize>i) << 3), value);
  }
}
