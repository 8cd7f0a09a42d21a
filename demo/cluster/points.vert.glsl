#version 300 es
// A dot at a point's place, in the colour of its cluster.
in vec2 place;
in float label;
uniform vec2 scale;
uniform vec2 offset;
uniform sampler2D palette;
uniform float size;
uniform bool coloured;
out vec3 colour;

void main() {
  vec3 cluster = texelFetch(palette, ivec2(int(label), 0), 0).rgb;
  colour = coloured ? cluster : vec3(0.53, 0.55, 0.60);
  gl_PointSize = size;
  gl_Position = vec4(place * scale + offset, 0.0, 1.0);
}
