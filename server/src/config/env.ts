/** The settings in this process's environment. The only place in the server that reads the environment. */
export function readEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OUTCRY_')))
}
