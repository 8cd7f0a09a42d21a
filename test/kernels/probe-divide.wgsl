// Test only: the arithmetic inside shaders/divide.wgsl, one call a thread. Linked behind its files by
// integers.test.ts; group 1, since group 0 is the kernel's. A case is eight words in and eight out.

@group(1) @binding(0) var<storage, read> questions: array<array<u32, 8>>;
@group(1) @binding(1) var<storage, read_write> answers: array<array<u32, 8>>;

@compute @workgroup_size(64)
fn probe_divide(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&questions)) {
    return;
  }
  let q = questions[id.x];
  var a = array<u32, 8>();
  if (q[0] == 0u) {
    a[0] = divided(vec2<u32>(q[1], q[2]), q[3]);
  } else {
    let x = aligned(U96(q[1], q[2], q[3]), i32(q[4]));
    a[0] = x.x;
    a[1] = x.y;
    a[2] = x.z;
    a[3] = x.w;
  }
  answers[id.x] = a;
}
