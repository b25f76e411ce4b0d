/** The value of `make`, made when it is first asked for and kept; what it throws is thrown each time. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
