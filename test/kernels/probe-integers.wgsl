// Test only: the functions of shaders/shared/integers.wgsl and grid.wgsl, one call a thread. Linked
// behind those files by integers.test.ts. A case is eight words in and eight words out.

@group(0) @binding(0) var<storage, read> questions: array<array<u32, 8>>;
@group(0) @binding(1) var<storage, read_write> answers: array<array<u32, 8>>;

@compute @workgroup_size(64)
fn probe_integers(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&questions)) {
    return;
  }
  let q = questions[id.x];
  var a = array<u32, 8>();
  switch q[0] {
    case 0u: {
      let x = square(q[1]);
      a[0] = x.x;
      a[1] = x.y;
    }
    case 1u: {
      let x = multiply(q[1], q[2]);
      a[0] = x.x;
      a[1] = x.y;
    }
    case 2u: {
      let x = add96(U96(q[1], q[2], q[3]), vec2<u32>(q[4], q[5]));
      a[0] = x.low;
      a[1] = x.middle;
      a[2] = x.high;
    }
    case 3u: {
      a[0] = u32(less96(U96(q[1], q[2], q[3]), U96(q[4], q[5], q[6])));
      a[1] = u32(equal96(U96(q[1], q[2], q[3]), U96(q[4], q[5], q[6])));
    }
    case 4u: {
      let x = signed64(vec2<u32>(q[1], q[2]), q[3] == 1u);
      a[0] = x.x;
      a[1] = x.y;
    }
    case 5u: {
      a[0] = u32(to_grid(q[1], i32(q[2])));
    }
    default: {
      let x = weighted(i32(q[1]), q[2]);
      a[0] = x.x;
      a[1] = x.y;
    }
  }
  answers[id.x] = a;
}
