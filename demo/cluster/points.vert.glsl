// A dot at a point's place, in the colour of its cluster. three.js adds `position` and the matrices.
attribute float label;
uniform sampler2D palette;
uniform float size;
uniform float coloured;
varying vec3 colour;

void main() {
  vec3 cluster = texture2D(palette, vec2((label + 0.5) / 256.0, 0.5)).rgb;
  colour = mix(vec3(0.53, 0.55, 0.60), cluster, coloured);
  gl_PointSize = size;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position.xy, 0.0, 1.0);
}
