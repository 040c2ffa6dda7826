"""How servers word that a request is too long, and other errors that sound alike: facts from their
documentation, their code and reports of their users. (status, error body)
"""

from typing import Any


def _openai(message: str, **fields: Any) -> dict[str, Any]:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return {"error": {**error, **fields}}


TOO_LONG: dict[str, tuple[int, Any]] = {
    "OpenAI": (400, _openai(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "8545 tokens. Please reduce the length of the messages.",
        param="messages", code="context_length_exceeded")),
    "OpenAI's code alone": (400, _openai("", code="context_length_exceeded")),
    "OpenAI, newer": (400, _openai(
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.")),
    "OpenAI, one message": (400, _openai(
        "Invalid 'messages[1].content': string too long. Expected a string with maximum length "
        "1048576, but got a string with length 2100000 instead.",
        param="messages[1].content", code="string_above_max_length")),
    "Azure": (400, _openai(
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
        "509178 tokens. Please reduce the length of the messages.")),
    "Anthropic": (400, {"type": "error", "error": {
        "type": "invalid_request_error",
        "message": "prompt is too long: 213462 tokens > 200000 maximum"}}),
    "Anthropic, with the answer": (400, {"type": "error", "error": {
        "type": "invalid_request_error",
        "message": "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, "
                   "decrease input length or `max_tokens` and try again"}}),
    "Anthropic 413": (413, {"error": {
        "type": "request_too_large", "message": "Request exceeds the maximum size"}}),
    "Gemini": (400, [{"error": {
        "code": 400, "status": "INVALID_ARGUMENT",
        "message": "The input token count (1196265) exceeds the maximum number of tokens allowed "
                   "(1048575)."}}]),
    "Gemini, without counts": (400, {"error": {
        "code": 400, "status": "INVALID_ARGUMENT",
        "message": "The input token count exceeds the maximum number of tokens allowed 1048576."}}),
    "Gemini, older": (400, {"error": {
        "message": "Input request contains (35490) tokens, which is more than the max tokens "
                   "limit allowed: (30720)"}}),
    "Vertex": (400, {"error": {
        "message": "Unable to submit request because the input token count is 1251952 but model "
                   "only supports up to 1048576. Reduce the input token count and try again."}}),
    "xAI": (400, {"code": "invalid-argument", "error":
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens."}),
    "Groq": (400, _openai("Please reduce the length of the messages or completion.")),
    "Cerebras": (400, {
        "message": "Please reduce the length of the messages or completion. Current length is "
                   "8261 while limit is 8192", "code": "context_length_exceeded"}),
    "Mistral": (400, {"object": "error", "message":
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
        "context length"}),
    "Cohere": (400, {"message":
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292."
        " Try using a shorter prompt."}),
    "Bedrock": (400, {"message": "Input is too long for requested model."}),
    "Bedrock, other models": (400, {"message":
        "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token "
        "count: 9999"}),
    "Copilot": (400, {"error": {
        "message": "prompt token count of 13067 exceeds the limit of 12288",
        "code": "model_max_prompt_tokens_exceeded"}}),
    "GitHub Models": (413, {"error": {
        "code": "tokens_limit_reached",
        "message": "Request body too large for gpt-4o model. Max size: 8000 tokens."}}),
    "OpenRouter": (400, {"error": {"code": 400, "message":
        "This endpoint's maximum context length is 32768 tokens. However, you requested about "
        "42832 tokens (42832 of text input, 6730 of tool input). Please reduce the length of "
        "either one."}}),
    "OpenRouter, of a provider": (400, {"error": {
        "code": 400, "message": "Provider returned error",
        "metadata": {"provider_name": "Some", "raw":
            '{"error":{"message":"This model\'s maximum context length is 262144 tokens."}}'}}}),
    "LiteLLM": (400, {"error": {"code": "400", "message":
        "litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicException - prompt "
        "is too long: 219898 tokens > 200000 maximum"}}),
    "Moonshot": (400, _openai(
        "Invalid request: Your request exceeded model token limit: 262144 (requested: 274613)")),
    "Moonshot, input": (400, _openai("Input token length too long")),
    "DashScope": (400, _openai(
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
        code="invalid_parameter_error")),
    "Zhipu": (400, {"error": {"code": "1261", "message": "Prompt exceeds max length"}}),
    "Zhipu, in Chinese": (400, {"error": {"code": "1261", "message": "Prompt 超长"}}),
    "SiliconFlow": (400, {"code": 20015, "data": None, "message":
        "length of prompt_tokens (57535) must be less than max_seq_len (32768)."}),
    "MiniMax": (400, {"error": {"message": "invalid params, context window exceeds limit (2013)"}}),
    "Together": (422, {"error": {"message":
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 "
        "`inputs` tokens and 512 `max_new_tokens`"}}),
    "TGI": (422, {"error_type": "validation", "error":
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000"}),
    "vLLM": (400, {"object": "error", "code": 400, "type": "BadRequestError", "message":
        "The decoder prompt (length 21535) is longer than the maximum model length of 16384."}),
    "vLLM, with the answer": (400, _openai(
        "'max_tokens' or 'max_completion_tokens' is too large: 64000. This model's maximum "
        "context length is 64001 tokens and your request has 24235 input tokens.")),
    "vLLM, newer": (400, _openai(
        "You passed 40961 input tokens and requested 0 output tokens. However, the model's "
        "context length is only 40960 tokens.", param="input_tokens")),
    "SGLang": (400, {"object": "error", "message":
        "The input (9000 tokens) is longer than the model's context length (8192 tokens)."}),
    "llama.cpp": (500, {"error": {
        "code": 500, "type": "exceed_context_size_error", "n_ctx": 4096, "message":
        "the request exceeds the available context size. try increasing the context size"}}),
    "llama-cpp-python": (400, {"error": {"message":
        "Requested tokens (5000) exceed context window of 2048"}}),
    "LM Studio": (400, {"error":
        "Trying to keep the first 111490 tokens when context the overflows. However, the model is "
        "loaded with context length of only 32768 tokens, which is not enough."}),
    "LM Studio, newer": (400, {"error":
        "The number of tokens to keep from the initial prompt is greater than the context length "
        "(n_keep: 10247 >= n_ctx: 4096). Try to provide a shorter input."}),
    "Ollama": (400, {"error": "prompt too long; exceeded max context length by 4 tokens"}),
    "ds4": (400, {"error": {
        "type": "context_exceeded",
        "message": "Prompt tokens (9000) exceeds context size (8192)"}}),
    "TensorRT-LLM": (400, {"message":
        "Prompt length (5056) exceeds maximum sequence length (2048)"}),
    "RKLLM": (400, {"error":
        "Prompt is 11543 tokens but the model context window is 4096 tokens."}),
    "Salesforce": (400, {"message":
        "Request input tokens exceed model token limit. Reduce the input size."}),
    "Cloudflare": (400, {"success": False, "errors": [{"code": 5021, "message":
        "AiError: The estimated number of input and maximum output tokens (23548) exceeded this "
        "model context window limit (24000)."}]}),
    "a proxy": (413, "<html><h1>413 Request Entity Too Large</h1></html>"),
    "a proxy without a body": (413, ""),
}  # fmt: skip

NOT_TOO_LONG: dict[str, tuple[int, Any]] = {
    "tokens per minute": (429, _openai(
        "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389. The "
        "input or output tokens must be reduced in order to run successfully.")),
    "tokens per minute, as a 400": (400, _openai(
        "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 12328, "
        "please reduce your message size and try again.", code="rate_limit_exceeded")),
    "tokens per day": (429, _openai("Rate limit reached on tokens per day (TPD): Limit 100000")),
    "input tokens per minute": (400, {"error": {"message":
        "This request would exceed your organization's rate limit of 40,000 input tokens per "
        "minute."}}),
    "throttling": (503, {"message": "ThrottlingException: Too many tokens, please wait before "
                                    "trying again."}),
    "Azure's rate": (400, _openai(
        "Requests have exceeded token rate limit of your current pricing tier. Please retry after "
        "6 seconds.")),
    "quota": (400, _openai(
        "You exceeded your current quota of tokens.", code="insufficient_quota")),
    "max_tokens is too large": (400, _openai(
        "max_tokens is too large: 8192. This model supports at most 4096 completion tokens, "
        "whereas you provided 8192.", param="max_tokens")),
    "max_completion_tokens is too large": (400, _openai(
        "max_completion_tokens is too large: 262144. This model supports at most 256000 "
        "completion tokens.")),
    "range of max_tokens": (400, _openai("Range of max_tokens should be [1, 8192]")),
    "valid range of max_tokens": (400, _openai(
        "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]")),
    "output tokens": (400, {"message":
        "max_tokens (10000) cannot exceed 8192. Please reduce the length of max output tokens "
        "generated."}),
    "the answer's limit": (400, {"message":
        "The maximum tokens you requested exceeds the model limit of 32768"}),
    "max_tokens is unsupported": (400, _openai(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.", param="max_tokens", code="unsupported_parameter")),
    "temperature too high": (400, _openai(
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 200 "
        "instead.", param="temperature", code="decimal_above_max_value")),
    "a validator's bound": (422, {"detail": [{
        "type": "less_than_equal", "loc": ["body", "temperature"], "input": 3.5,
        "msg": "Input should be less than or equal to 2"}]}),
    "another field": (400, _openai(
        "Invalid 'user': string too long. Expected a string with maximum length 64, but got a "
        "string with length 100 instead.", param="user", code="string_above_max_length")),
    "an argument of a tool": (400, _openai(
        "Tool argument validation failed: input length exceeds 1000 characters")),
    "an image": (400, _openai("The input image is too large: it exceeds the limit of 20 MB")),
    "a file": (400, _openai("File size is too large, max file size is 100MB")),
    "a full queue": (503, {"error": "The request queue length exceeds its limit"}),
    "overloaded": (529, {"error": {"type": "overloaded_error", "message": "Overloaded"}}),
    "no capacity": (503, {"message": "Service tier capacity exceeded for this model."}),
    "a timeout": (504, {"error": "The request timed out: it took longer than the limit of 60 s"}),
    "a parameter of that name": (400, _openai("Unknown parameter: 'context_window'.")),
    "an empty message": (400, _openai("messages: at least one message is required")),
    "a role": (400, _openai("Input should be 'user', 'assistant' or 'system'")),
    "a missing model": (404, _openai("The model `long-context` does not exist")),
    "text about it": (500, {"error": "Failed while reading the context window documentation"}),
}  # fmt: skip
