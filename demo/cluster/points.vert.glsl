#version 300 es
// A dot at a point's place, in the colour of its cluster.
in vec2 position;
in float label;
uniform vec2 centre; // of the part that is seen
uniform vec2 scale;
uniform sampler2D palette;
uniform float size;
uniform float coloured;
out vec3 colour;

void main() {
  vec3 cluster = texture(palette, vec2((label + 0.5) / 256.0, 0.5)).rgb;
  colour = mix(vec3(0.53, 0.55, 0.60), cluster, coloured);
  gl_PointSize = size;
  gl_Position = vec4((position - centre) * scale, 0.0, 1.0);
}
