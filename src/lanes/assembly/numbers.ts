// The integers of src/grid.ts, and 128-bit sums.

export const LABEL_STEPS: f32 = 536870912.0; // 2^29
export const NO_LABEL: u32 = 0xffffffff;

/** Nearest integers of four floats below 2^31, halves away from zero. */
// @ts-ignore: decorator
@inline
export function round4(v: v128): v128 {
  const whole = f32x4.trunc(v);
  // exact: a float has a fraction only below 2^23, where its difference to its whole part is exact
  const fraction = f32x4.abs(f32x4.sub(v, whole));
  const up = f32x4.ge(fraction, f32x4.splat(0.5));
  const sign = v128.and(v, i32x4.splat(<i32>0x80000000));
  const one = v128.and(up, v128.or(sign, f32x4.splat(1.0)));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(whole, one));
}

/** Nearest integer of a float below 2^31, halves away from zero. */
// @ts-ignore: decorator
@inline
export function round1(v: f32): i32 {
  const whole = trunc<f32>(v);
  const fraction = abs<f32>(v - whole);
  return <i32>whole + (fraction >= 0.5 ? (v < 0 ? -1 : 1) : 0);
}
