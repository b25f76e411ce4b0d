/** How many characters of a password are missing to the least length; counted in code points, as the server counts. */
export function missingCharacters(password: string, least: number): number {
  return Math.max(0, least - [...password].length)
}
