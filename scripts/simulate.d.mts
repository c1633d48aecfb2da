/** See `simulate.mjs`. */
export function compileSimulation(): { readonly folder: string; readonly program: string };
