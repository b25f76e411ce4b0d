/** COSE algorithms that are taken, the best first: EdDSA, ES256, RS256 (C18; IANA COSE Algorithms). */
export const algorithms: readonly number[] = [-8, -7, -257]
