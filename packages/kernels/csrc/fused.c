#include "fused.h"
#include "elementwise.h"
#include "threads.h"

/* An interpreter of element-wise chains. The elements of a domain [outer, inner, columns] are taken in blocks that fit the first-level
   cache; every step of the chain works on one block, and results that nothing else reads stay in registers (blocks of BLOCK floats).
   The operations are those of elementwise.c, so values are the same bits as one call after the other. */
enum { BLOCK = 512, MAX_STEPS = 192, MAX_OPERANDS = 96, SHARED_WORK = 1 << 19, TASK_WORK = 32768 };
enum { UNARY_FROM = 0, BINARY_FROM = 64, LEAKY_GRADIENT = 128, LOAD = 129, LOAD_ONCE = 130 };

/* An array under the domain: strides in floats along outer, inner and columns, the last 0 or 1. */
struct operand {
  float *data;
  ptrdiff_t outer, inner;
  int column;
};

/* A value is a register (below `registers`) or an operand laid out as the domain (from there on). */
struct step {
  int operation, a, b, out;
  float p, q;
};

struct chain {
  int outer, inner, columns, operands, steps, registers;
  int rows_in_block, blocks_in_row, blocks, blocks_in_task;
  struct operand operand[MAX_OPERANDS];
  struct step step[MAX_STEPS];
  int out_of_memory;
};

static void decode(const double *code, struct chain *chain) {
  chain->outer = (int)code[0], chain->inner = (int)code[1], chain->columns = (int)code[2];
  chain->operands = (int)code[3], chain->steps = (int)code[4], chain->registers = (int)code[5];
  code += 6;
  for (int i = 0; i < chain->operands; i++, code += 4)
    chain->operand[i] = (struct operand){(float *)(uintptr_t)code[0], (ptrdiff_t)code[1], (ptrdiff_t)code[2], (int)code[3]};
  for (int i = 0; i < chain->steps; i++, code += 6)
    chain->step[i] = (struct step){(int)code[0], (int)code[1], (int)code[2], (int)code[3], (float)code[4], (float)code[5]};
}

/* Blocks of whole rows, a multiple of the vector width where rows are short; or parts of one row. */
static void cut(struct chain *chain) {
  int rows = BLOCK / chain->columns;
  chain->rows_in_block = rows >= 16 ? rows & ~15 : max_int(1, rows);
  chain->blocks_in_row = (chain->columns + BLOCK - 1) / BLOCK;
  int all_rows = chain->outer * chain->inner;
  chain->blocks = chain->blocks_in_row > 1 ? all_rows * chain->blocks_in_row : (all_rows + chain->rows_in_block - 1) / chain->rows_in_block;
  int elements = chain->blocks_in_row > 1 ? BLOCK : chain->rows_in_block * chain->columns;
  chain->blocks_in_task = max_int(1, TASK_WORK / (elements * chain->steps));
}

struct span {
  int row, rows, column, columns;
};

static struct span span_of(const struct chain *chain, int block) {
  int all_rows = chain->outer * chain->inner;
  if (chain->blocks_in_row > 1) {
    int column = block % chain->blocks_in_row * BLOCK;
    return (struct span){block / chain->blocks_in_row, 1, column, min_int(BLOCK, chain->columns - column)};
  }
  int row = block * chain->rows_in_block;
  return (struct span){row, min_int(chain->rows_in_block, all_rows - row), 0, chain->columns};
}

/* Writes a broadcast operand out for a block. */
static void load_block(const struct chain *chain, const struct operand *operand, struct span span, float *to) {
  for (int r = 0; r < span.rows; r++, to += span.columns) {
    int row = span.row + r;
    const float *from = operand->data + row / chain->inner * operand->outer + row % chain->inner * operand->inner;
    if (operand->column) __builtin_memcpy(to, from + span.column, (size_t)span.columns * sizeof(float));
    else for (int i = 0; i < span.columns; i++) to[i] = *from;
  }
}

static float *place_of(const struct chain *chain, float *registers, int value, ptrdiff_t offset) {
  return value < chain->registers ? registers + (ptrdiff_t)value * BLOCK : chain->operand[value - chain->registers].data + offset;
}

static void run_step(const struct chain *chain, const struct step *step, struct span span, float *registers) {
  ptrdiff_t offset = (ptrdiff_t)span.row * chain->columns + span.column;
  int n = span.rows * span.columns;
  float *out = place_of(chain, registers, step->out, offset);
  if (step->operation >= LOAD) {
    load_block(chain, &chain->operand[step->a], span, out);
    return;
  }
  const float *a = place_of(chain, registers, step->a, offset);
  if (step->operation < BINARY_FROM) {
    unary_operation(step->operation - UNARY_FROM)(a, out, n, step->p, step->q);
    return;
  }
  const float *b = place_of(chain, registers, step->b, offset);
  if (step->operation == LEAKY_GRADIENT) {
    leaky_relu_gradient(a, b, out, n, step->p);
    return;
  }
  struct block block = {a, b, out, 1, n, 0, 0};
  binary_operation(step->operation - BINARY_FROM)(&block);
}

/* LOAD_ONCE is for operands that are the same in every block of whole rows: the first, and longest, block of a task serves all. */
static void run_task(int task, void *context) {
  struct chain *chain = context;
  float *registers = scratch(SCRATCH_FUSED, (size_t)max_int(1, chain->registers) * BLOCK * sizeof(float));
  if (!registers) {
    chain->out_of_memory = 1;
    return;
  }
  int from = task * chain->blocks_in_task, to = min_int(chain->blocks, from + chain->blocks_in_task);
  for (int block = from; block < to; block++) {
    struct span span = span_of(chain, block);
    for (int i = 0; i < chain->steps; i++)
      if (chain->step[i].operation != LOAD_ONCE || block == from || chain->blocks_in_row > 1) run_step(chain, &chain->step[i], span, registers);
  }
}

int run_fused(const double *code) {
  struct chain chain = {0};
  decode(code, &chain);
  cut(&chain);
  int tasks = (chain.blocks + chain.blocks_in_task - 1) / chain.blocks_in_task;
  int64_t work = (int64_t)chain.outer * chain.inner * chain.columns * chain.steps;
  if (work >= SHARED_WORK) parallel_for(tasks, run_task, &chain);
  else for (int task = 0; task < tasks; task++) run_task(task, &chain);
  return chain.out_of_memory;
}
