/* A library, but no module. */
int answer_to_everything(void);

int answer_to_everything(void) { return 42; }
