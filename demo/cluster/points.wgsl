// A dot at a point's place, in the colour of its cluster: points.vert.glsl and points.frag.glsl in one, drawn as two
// triangles a point, since WebGPU's own points have one pixel. Their corners look up their point: instances took
// SwiftShader four times as long (100 000 points).

struct Look {
  centre: vec2f, // of the part that is seen
  scale: vec2f,
  screen: vec2f, // pixels of the picture
  size: f32, // pixels of a dot
  opacity: f32,
  coloured: f32,
}

@group(0) @binding(0) var<uniform> look: Look;
@group(0) @binding(1) var<uniform> palette: array<vec4f, 256>;
@group(1) @binding(0) var<storage, read> places: array<u32>; // two 16-bit fractions
@group(1) @binding(1) var<storage, read> labels: array<u32>;

struct Dot {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) colour: vec3f,
  @location(1) away: vec2f, // pixels from the middle
}

@vertex
fn dot_at(@builtin(vertex_index) index: u32) -> Dot {
  let row = index / 6u;
  let corner = (0x321210u >> (4u * (index % 6u))) & 3u; // 0 1 2 and 1 2 3 of a square
  let away = (vec2f(f32(corner & 1u), f32(corner >> 1u)) - 0.5) * look.size;
  let middle = (unpack2x16snorm(places[row]) - look.centre) * look.scale;
  let cluster = palette[min(labels[row], 255u)].rgb;
  return Dot(
    vec4f(middle + 2.0 * away / look.screen, 0.0, 1.0),
    mix(vec3f(0.53, 0.55, 0.60), cluster, look.coloured),
    away,
  );
}

// Round where it is large enough to show; colour multiplied by opacity, as the blending expects.
@fragment
fn seen(dot: Dot) -> @location(0) vec4f {
  let inside = select(clamp(look.size * 0.5 - length(dot.away) + 0.5, 0.0, 1.0), 1.0, look.size < 2.5);
  let alpha = look.opacity * inside;
  return vec4f(dot.colour * alpha, alpha);
}
