#version 300 es
// Round where it is large enough to show; colour multiplied by opacity, as the blending expects.
precision highp float;
uniform float opacity;
uniform float size;
in vec3 colour;
out vec4 seen;

void main() {
  float away = length(gl_PointCoord - 0.5) * size;
  float inside = size < 2.5 ? 1.0 : clamp(size * 0.5 - away + 0.5, 0.0, 1.0);
  float alpha = opacity * inside;
  seen = vec4(colour * alpha, alpha);
}
