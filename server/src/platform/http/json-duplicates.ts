interface Level {
  /** Undefined inside an array. */
  readonly keys: Set<string> | undefined
  step: string | number
}

/**
 * The path of the first key that appears twice in its object, or `[]` when none does. The text is valid JSON, so
 * every string directly inside an object that stands after `{` or `,` is a key.
 */
export function findDuplicateKey(text: string): (string | number)[] {
  const levels: Level[] = []
  let expectsKey = false
  for (let i = 0; i < text.length; i++) {
    const level = levels.at(-1)
    switch (text[i]) {
      case '{':
        levels.push({ keys: new Set(), step: '' })
        expectsKey = true
        break
      case '[':
        levels.push({ keys: undefined, step: 0 })
        expectsKey = false
        break
      case '}':
      case ']':
        levels.pop()
        break
      case ',':
        if (typeof level?.step === 'number') level.step++
        expectsKey = level?.keys !== undefined
        break
      case '"': {
        const end = endOfString(text, i)
        if (expectsKey && level?.keys) {
          const key: string = JSON.parse(text.slice(i, end + 1))
          level.step = key
          if (level.keys.has(key)) return levels.map(({ step }) => step)
          level.keys.add(key)
          expectsKey = false
        }
        i = end
      }
    }
  }
  return []
}

/** The index of the quote that closes the string opened at `open`; the text is valid JSON. */
export function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); ; close = text.indexOf('"', close + 1)) {
    let slash = close
    while (text.charCodeAt(slash - 1) === 92) slash--
    if ((close - slash) % 2 === 0) return close
  }
}
