/** Patterns of routes, as the router takes them: `/v1/campaigns/:campaign_id([A-Za-z0-9_-]+)::pause`. */

/** The paths that a pattern stands for. */
export function pathsOf(pattern: string): RegExp {
  const source = pattern.replace(
    /::|:\w+(\([^)]*\))?|[.*+?^${}()|[\]\\]/g,
    (token, own: string | undefined) => {
      if (token === '::') return ':';
      if (token === '*') return '.*';
      return token.startsWith(':') ? (own ?? '[^/]+') : `\\${token}`;
    },
  );
  return new RegExp(`^${source}$`);
}

/** Which methods are served under which path: for the `Allow` header. */
export class RouteTable {
  readonly #methods = new Map<string, { paths: RegExp; methods: Set<string> }>();

  add(pattern: string, methods: string | readonly string[]): void {
    const known = this.#methods.get(pattern) ?? { paths: pathsOf(pattern), methods: new Set<string>() };
    for (const method of [methods].flat()) known.methods.add(method.toUpperCase());
    this.#methods.set(pattern, known);
  }

  /** The methods served under a path, in alphabetical order; none if it is unknown. */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { paths, methods } of this.#methods.values()) {
      if (paths.test(path)) for (const method of methods) found.add(method);
    }
    return [...found].sort();
  }
}

/** The path as patterns are written; as it is where its encoding is broken. */
export function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
