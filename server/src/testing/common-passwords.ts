/** Fifty passwords that many people have. */
export const COMMON_PASSWORDS: readonly string[] = `
  password 12345678 123456789 1234567890 qwertyuiop iloveyou trustno1 sunshine princess football baseball superman
  jennifer michelle computer corvette password1 passw0rd qwerty123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc starwars
  whatever liverpool blink182 minecraft pokemon123 asdfghjkl 987654321 11111111 88888888 123123123 abcd1234 12341234
  87654321 football1 baseball1 princess1 sunshine1 password12 password123 password1234 123456789012 1q2w3e4r5t6y
  qwertyqwerty 123qweasdzxc supernatural administrator
`
  .trim()
  .split(/\s+/)
