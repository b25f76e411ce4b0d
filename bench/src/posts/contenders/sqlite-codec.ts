import type { PostPatch, PostRow } from '../post.table.ts'

/** A row of `posts` as SQLite's drivers give it. */
export interface StoredPost {
  id: string
  author_id: string
  title: string
  body: string
  tags: string
  is_pinned: number
  meta: string
  view_count: number
  created_at: string
  edited_at: string | null
}

export function decode(row: StoredPost): PostRow {
  return {
    id: row.id,
    author_id: row.author_id,
    title: row.title,
    body: row.body,
    tags: JSON.parse(row.tags),
    is_pinned: row.is_pinned === 1,
    meta: JSON.parse(row.meta),
    view_count: row.view_count,
    created_at: new Date(row.created_at),
    edited_at: row.edited_at === null ? null : new Date(row.edited_at),
  }
}

export type Cells = readonly [
  string,
  string,
  string,
  string,
  string,
  number,
  string,
  number,
  string,
  string | null,
]

export function decodeCells(cells: Cells): PostRow {
  return {
    id: cells[0],
    author_id: cells[1],
    title: cells[2],
    body: cells[3],
    tags: JSON.parse(cells[4]),
    is_pinned: cells[5] === 1,
    meta: JSON.parse(cells[6]),
    view_count: cells[7],
    created_at: new Date(cells[8]),
    edited_at: cells[9] === null ? null : new Date(cells[9]),
  }
}

export function encode(row: PostRow): (string | number | null)[] {
  return [
    row.id,
    row.author_id,
    row.title,
    row.body,
    JSON.stringify(row.tags),
    row.is_pinned ? 1 : 0,
    JSON.stringify(row.meta),
    row.view_count,
    row.created_at.toISOString(),
    row.edited_at === null ? null : row.edited_at.toISOString(),
  ]
}

export function encodePatch(id: string, patch: PostPatch): (string | number | null)[] {
  const editedAt = patch.edited_at === null ? null : patch.edited_at.toISOString()
  return [patch.title, JSON.stringify(patch.tags), patch.view_count, editedAt, id]
}
