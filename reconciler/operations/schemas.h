#pragma once

#include <string_view>

namespace bough::operations {

/// The JSON Schemas of the documents, by the names in the table: one JSON object.
std::string_view document_schemas();

}  // namespace bough::operations
