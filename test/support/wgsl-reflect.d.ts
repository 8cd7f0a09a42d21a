/** The package's entry for Node is no ES module; this one is, and has the same types. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
