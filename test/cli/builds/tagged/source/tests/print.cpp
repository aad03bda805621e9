// @Priority P0
// @retries 2 0.5
