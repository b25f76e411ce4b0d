/**
 * Whether a path, byte for byte, is one that a pattern stands for: `*` for any bytes of one segment, at most one in each,
 * and `**` as the last segment for all the rest. What matches nothing is closed, so another spelling of a path opens none.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  const isOpen = wanted.at(-1) === '**'
  if (isOpen) wanted.pop()
  if (isOpen ? given.length <= wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, at) => matchesSegment(segment, given[at] ?? ''))
}

function matchesSegment(wanted: string, given: string): boolean {
  const star = wanted.indexOf('*')
  if (star === -1) return wanted === given
  const [before, after] = [wanted.slice(0, star), wanted.slice(star + 1)]
  const isLongEnough = given.length >= before.length + after.length
  return isLongEnough && given !== '' && given.startsWith(before) && given.endsWith(after)
}
