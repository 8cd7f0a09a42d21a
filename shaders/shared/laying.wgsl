// What a dispatch over points that are yet to be laid is about: a window of rows, and which of its
// coordinates are whose. A thread stays in one column, so that it adds up by itself; the threads of a
// workgroup then put together what they found, and one a column takes it to `found`.

struct Laying {
  columns: u32,
  // rows of the window, and its number
  rows: u32,
  window: u32,
  rows_per_group: u32,
  // words before the first coordinate: bindings begin where a device lets them
  points_at: u32,
  laid_at: u32,
  // −exponent of the frame
  lift: i32,
}

@group(0) @binding(27) var<uniform> laying: Laying;

struct Share {
  column: u32,
  // rows first, first + stride, …, below end
  first: u32,
  stride: u32,
  end: u32,
  // columns that the workgroup has
  width: u32,
}

fn share_of(group: vec3<u32>, lane: u32, threads: u32) -> Share {
  let first_column = group.y * threads;
  let width = min(threads, laying.columns - first_column);
  let abreast = threads / width;
  let first = group.x * laying.rows_per_group;
  let end = min(laying.rows, first + laying.rows_per_group);
  // threads that are left over have no rows
  let own = select(end, first + lane / width, lane < abreast * width);
  return Share(first_column + lane % width, own, abreast, end, width);
}
