#include "kernels.h"

/* Scratch space and plans. Native: malloc. WASM: an allocator of our own over the one fixed memory, which also serves the arrays
   that TypeScript asks for (lf_arena_allocate). */

#if !defined(__wasm__)
#include <stdlib.h>
#endif

struct scratch_block {
  void *memory;
  size_t bytes;
};
static PER_THREAD struct scratch_block scratch_of_slot[SCRATCH_SLOTS];

void *scratch(enum scratch_slot slot, size_t bytes) {
  struct scratch_block *block = &scratch_of_slot[slot];
  if (block->bytes < bytes) {
    release(block->memory);
    block->bytes = bytes + bytes / 4;
    block->memory = allocate(block->bytes);
    if (!block->memory) block->bytes = 0;
  }
  return block->memory;
}

void release_scratch(void) {
  for (int slot = 0; slot < SCRATCH_SLOTS; slot++) {
    release(scratch_of_slot[slot].memory);
    scratch_of_slot[slot] = (struct scratch_block){NULL, 0};
  }
}

#if !defined(__wasm__)

void *allocate(size_t bytes) {
  void *memory = NULL;
  return posix_memalign(&memory, 64, bytes ? bytes : 64) ? NULL : memory;
}
void release(void *memory) { free(memory); }

#else

/* Blocks are cut from the end of the used part and, once released, kept in one list per size class (four classes per power of
   two, so at most a quarter is wasted). A 64-byte header before each block holds its class. */
enum { HEADER = 64, CLASSES = 128 };
extern unsigned char __heap_base;
struct header {
  uint32_t size_class;
  struct header *next;
};
static struct header *free_blocks[CLASSES];
static uint32_t used;

static uint64_t bytes_of_class(uint32_t size_class) { return ((uint64_t)(4 + size_class % 4) << (size_class / 4)) * 16; }

static uint32_t class_of(uint32_t bytes) {
  uint32_t size_class = 0;
  while (bytes_of_class(size_class) < bytes) size_class++;
  return size_class;
}

static struct header *cut(uint32_t size_class) {
  if (!used) used = ((uint32_t)(uintptr_t)&__heap_base + 63) & ~63u;
  uint64_t end = (uint64_t)used + HEADER + ((bytes_of_class(size_class) + 63) & ~63ull);
  if (end > (uint64_t)__builtin_wasm_memory_size(0) * 65536) return NULL;
  struct header *block = (struct header *)(uintptr_t)used;
  used = (uint32_t)end;
  block->size_class = size_class;
  return block;
}

void *allocate(size_t bytes) {
  uint32_t wanted = class_of(bytes);
  if (wanted >= CLASSES) return NULL;
  struct header *block = NULL;
  for (uint32_t size_class = wanted; size_class < CLASSES && size_class < wanted + 4 && !block; size_class++) {
    block = free_blocks[size_class];
    if (block) free_blocks[size_class] = block->next;
  }
  if (!block) block = cut(wanted);
  for (uint32_t size_class = wanted + 4; size_class < CLASSES && !block; size_class++) {
    block = free_blocks[size_class];
    if (block) free_blocks[size_class] = block->next;
  }
  return block ? (unsigned char *)block + HEADER : NULL;
}

void release(void *memory) {
  if (!memory) return;
  struct header *block = (struct header *)((unsigned char *)memory - HEADER);
  block->next = free_blocks[block->size_class];
  free_blocks[block->size_class] = block;
}

__attribute__((visibility("default"), used)) uint32_t lf_arena_allocate(uint32_t bytes) { return (uint32_t)(uintptr_t)allocate(bytes); }
__attribute__((visibility("default"), used)) void lf_arena_release(uint32_t pointer) { release((void *)(uintptr_t)pointer); }

/* clang may turn loops into calls of these. -mbulk-memory makes each one instruction. */
void *memcpy(void *to, const void *from, size_t bytes) { return __builtin_memcpy(to, from, bytes); }
void *memmove(void *to, const void *from, size_t bytes) { return __builtin_memmove(to, from, bytes); }
void *memset(void *to, int value, size_t bytes) { return __builtin_memset(to, value, bytes); }

#endif
