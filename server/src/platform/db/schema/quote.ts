/** An SQL identifier; declared names are ours, quoting keeps words like `order` usable. */
export const quoteName = (name: string): string => `"${name}"`

/** An SQL string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
