#pragma once

#include <string>
#include <string_view>

namespace bough::forges {

/// The field `payload` of a form (application/x-www-form-urlencoded), decoded as it arrives.
class FormStream {
 public:
  /// What these bytes add to the field.
  std::string feed(std::string_view bytes);
  /// Whether every escape was whole, and the field was there exactly once.
  bool fine() const { return fine_ && escape_ == 0 && seen_ == 1; }

 private:
  void key(char c);
  void value(char c, std::string& out);

  std::string name_;
  bool in_value_ = false;
  bool ours_ = false;
  bool fine_ = true;
  int seen_ = 0;
  int escape_ = 0;  ///< digits of a %XX still to come
  int code_ = 0;
};

}  // namespace bough::forges
