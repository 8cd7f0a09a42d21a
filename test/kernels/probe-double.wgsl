// Test only: the functions of shaders/shared/double.wgsl, one call a thread. Linked behind that file by
// double.test.ts. A case is eight words in and eight words out.

@group(0) @binding(0) var<storage, read> questions: array<array<u32, 8>>;
@group(0) @binding(1) var<storage, read_write> answers: array<array<u32, 8>>;

// what of_words takes apart, and nothing else where a mantissa is too long; no −0
fn words_of(x: Double) -> vec2<u32> {
  if (x.mantissa.y == 0u) {
    return x.mantissa;
  }
  let sign = select(0u, 0x80000000u, x.negative);
  let top = x.mantissa.y - HIDDEN + (u32(x.exponent + 1075) << 20u);
  return vec2<u32>(x.mantissa.x, top | sign);
}

@compute @workgroup_size(64)
fn probe_double(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&questions)) {
    return;
  }
  let q = questions[id.x];
  let a = of_words(vec2<u32>(q[1], q[2]));
  let b = of_words(vec2<u32>(q[3], q[4]));
  var x = vec2<u32>();
  switch q[0] {
    case 0u: {
      x = words_of(sum(a, b));
    }
    case 1u: {
      x = words_of(difference(a, b));
    }
    case 2u: {
      x = words_of(product(a, b));
    }
    case 3u: {
      x = words_of(of_single(q[1]));
    }
    case 4u: {
      x.x = to_single(a);
    }
    default: {
      x.x = to_step(a);
    }
  }
  answers[id.x][0] = x.x;
  answers[id.x][1] = x.y;
}
