/** The package's version, as package.json has it: of what is kept from one version to the next. */
export const VERSION = '0.1.0';
