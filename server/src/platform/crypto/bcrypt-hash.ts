// Cost 4 is the least there is; 15 takes seconds, and a higher one would hold a place for as long as somebody likes.
const STORED = /^\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/

/** Whether the text is a bcrypt hash that may be verified here: `$2a$`, `$2b$` or `$2y$` with a cost of 4 to 15. */
export function isBcryptHash(stored: string): boolean {
  return STORED.test(stored)
}

/**
 * Verifies a password as it was typed, off the event loop. bcrypt reads 72 bytes (USENIX 1999, Provos and Mazières): two
 * passwords that share them are the same to it.
 */
export async function verifyBcrypt(stored: string, password: string): Promise<boolean> {
  const bcrypt = await import('@node-rs/bcrypt') // few have brought such a hash along
  return await bcrypt.verify(password, stored)
}

/** Whether bcrypt could take the text for another one: it reads `a`, NUL, `a` as it reads `a`. */
export function confusesBcrypt(password: string): boolean {
  return password.includes('\0')
}
