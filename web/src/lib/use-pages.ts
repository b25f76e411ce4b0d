import {
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryOptions,
  useInfiniteQuery,
} from '@tanstack/react-query'
import { sentenceOf } from './problem.ts'

/** A page as every list of the API answers it. */
interface Page<Item> {
  items: Item[]
  limit: number
  total?: number
  skip?: number
  next_cursor?: string | null
}

/** A list as far as it was read. */
interface Pages<Item> {
  /** From the first page on; `undefined` until that one came. */
  readonly items: readonly Item[] | undefined
  /** One sentence when the last reading failed. */
  readonly failure: string | undefined
  /** Reads again what could not be read, and no more than that. */
  again(): void
  /** Whether there is a page behind; of a list whose last reading failed nobody knows. */
  readonly hasMore: boolean
  readonly isReadingMore: boolean
  readMore(): void
}

/** Reads a list page by page. */
export function usePages<Item, Key extends QueryKey>(
  query: UseInfiniteQueryOptions<Page<Item>, Error, InfiniteData<Page<Item>>, Key, string>,
): Pages<Item> {
  const { data, error, isFetchingNextPage, isFetchNextPageError, hasNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(query)
  const readMore = () => void fetchNextPage()
  return {
    items: data?.pages.flatMap(({ items }) => items),
    failure: error === null ? undefined : sentenceOf(error),
    again: () => (isFetchNextPageError ? readMore() : void refetch()),
    hasMore: hasNextPage && error === null,
    isReadingMore: isFetchingNextPage,
    readMore,
  }
}
